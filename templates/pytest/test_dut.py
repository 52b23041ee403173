"""A board's serial port, with pytest-embedded: pip install pytest-embedded (and pytest-embedded-serial for a real board)."""


def test_the_board_serves_and_says_what_it_has_done(dut_board, dut, esp_https):
    outcome = esp_https("probe", dut_board.target, "--cert", dut_board.certificate)
    assert outcome.exit_code == 0, outcome
    assert outcome.result["certificate"]["sha256"] == dut_board.ready["cert_sha256"]
    # Its figures come every 10 seconds.
    dut.expect(rb'ESP-HTTPS STAT \{[^}]*"requests":[1-9]', timeout=30)
