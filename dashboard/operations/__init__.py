"""What every change goes through on a screen: plan, result, chain of next steps."""
