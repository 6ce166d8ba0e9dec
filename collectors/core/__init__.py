"""What every collector stands on: the contract, the scheduler, source states, redaction."""
