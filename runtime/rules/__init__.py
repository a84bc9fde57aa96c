"""What rules mean: operations, whole columns of the market stage, one bar of the account stage."""
