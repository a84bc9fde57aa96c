"""Made-up cards and damaged inputs, for testing the compiler."""
