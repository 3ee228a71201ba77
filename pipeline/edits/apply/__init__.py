"""From a proposed edit to the edited text: application, repairs, the check, the choice."""
