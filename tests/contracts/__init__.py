"""What the server told its screens, recorded for the front end: snapshot, events, final snapshot."""
