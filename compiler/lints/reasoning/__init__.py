"""What rules reason with: facts, difference bounds, branches, logic, and z3 where asked for."""
