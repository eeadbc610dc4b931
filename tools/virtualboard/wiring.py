"""Which signal is on which pin: the GPIO table of design HARDWARE, as data."""

SIGNALS = {
    "GW_TX": 0, "GW_RX": 1, "RS485_DE": 2, "BUZZER": 3, "I2C_SDA": 4, "I2C_SCL": 5, "JOURNAL_CS_N": 6,
    "NFC_RST_N": 7, "SPI1_MISO": 8, "LORA_CS_N": 9, "SPI1_SCK": 10, "SPI1_MOSI": 11, "LORA_BUSY": 12,
    "LORA_DIO1": 13, "LORA_RST_N": 14, "BTN_DIR_N": 15, "NFC_MISO": 16, "NFC_CS_N": 17, "NFC_SCK": 18,
    "NFC_MOSI": 19, "NFC_IRQ_N": 20, "BTN_REFER_N": 21, "BTN_ADMIT_N": 22, "LED_DATA": 26,
    "BTN_NO_CARD_N": 27, "VBAT_SENSE": 28,
}  # fmt: skip

BUTTONS = {
    "direction": "BTN_DIR_N",
    "admit": "BTN_ADMIT_N",
    "refer": "BTN_REFER_N",
    "no_card": "BTN_NO_CARD_N",
}

# Pins that a chip moves as its answer to a command: a look at them is a question.
PROMPT = (SIGNALS["LORA_BUSY"],)

# Pins that select a chip: the shim sends their edges along with the next transfer or question.
SELECTS = tuple(SIGNALS[name] for name in ("JOURNAL_CS_N", "LORA_CS_N", "NFC_CS_N"))
