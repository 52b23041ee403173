#pragma once
#define CONFIG_SERVER_WIFI_SSID "home"
#define CONFIG_SERVER_WIFI_PASSWORD "correct horse"
