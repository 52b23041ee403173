#pragma once
#include <stdint.h>
typedef uint32_t TickType_t;
typedef int BaseType_t;
#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define portMAX_DELAY ((TickType_t)0xffffffff)
#define pdMS_TO_TICKS(milliseconds) ((TickType_t)((milliseconds) / 10))
#define BIT0 0x01
#define BIT1 0x02
