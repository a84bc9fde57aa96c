"""Made-up markets and watched promises, for testing cards; import the modules by name."""
