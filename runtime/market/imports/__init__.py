"""Market data as people have them: any usual layout in, one checked series out."""
