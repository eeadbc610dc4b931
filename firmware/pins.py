"""Pins by signal, as GP numbers of the Pico header (hardware: GPIO table of the reference board)."""

# RS-485 to the gateway, UART0
GW_TX = 0
GW_RX = 1
RS485_DE = 2

BUZZER = 3  # PWM1 B

# I2C0: clock and display
I2C_SDA = 4
I2C_SCL = 5

# SPI1: journal flash and LoRa radio, one select each
JOURNAL_CS_N = 6
SPI1_MISO = 8
LORA_CS_N = 9
SPI1_SCK = 10
SPI1_MOSI = 11
LORA_BUSY = 12
LORA_DIO1 = 13
LORA_RST_N = 14

# SPI0: card reader
NFC_RST_N = 7
NFC_MISO = 16
NFC_CS_N = 17
NFC_SCK = 18
NFC_MOSI = 19
NFC_IRQ_N = 20

# Buttons, to ground, with pull-ups
BTN_DIR_N = 15
BTN_REFER_N = 21
BTN_ADMIT_N = 22
BTN_NO_CARD_N = 27

LED_DATA = 26
VBAT_SENSE = 28  # ADC2, behind 100k/22k
