"""What became of a department's deliveries: alerts that came of them, objections, the monthly scorecard. Pure."""
