"""The cookbook against pandas: each card trades as a short statement of its source's rule does."""
