"""Arithmetic of orders and money, shared by everything that simulates."""
