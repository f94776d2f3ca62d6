"""HTTP plumbing that intake and views share: reading bodies, answering, who may call, how often."""
