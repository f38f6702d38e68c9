"""What operators do: villages, enrolment codes, revocation, status."""
