"""The ground floor: events, rules, decisions. Nothing in here waits, reads a clock or does IO."""
