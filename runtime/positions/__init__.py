"""Positions: layers by entry order, removed by fifo, lifo or in proportion."""
