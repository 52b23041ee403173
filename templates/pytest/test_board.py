"""What every board has to do. conftest.py says how to run it."""


def test_the_handshake_is_tls_1_3_with_the_certificate_of_the_board(probe):
    outcome = probe("--expect-version", "1.3")
    assert outcome.exit_code == 0, outcome
    assert outcome.result["page"]["answer"]["status"] == 200


def test_every_request_is_answered(load):
    outcome = load("-n", 20, "--fail-if", "error_rate>0")
    assert outcome.exit_code == 0, outcome
    assert outcome.result["units"]["completed"] == 20


def test_a_check_that_fails_is_told(probe):
    outcome = probe("--expect-version", "1.2")
    assert outcome.exit_code == 1, outcome
    assert outcome.error["fault"] == "finding"
