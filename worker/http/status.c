/*
 * http/status.c
 *	  The words of a status, and answers that refuse.
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "http/exchange.h"

static const struct
{
	int status;
	const char *reason;
} reasons[] = {
	{100, "Continue"					   },
	{200, "OK"							 },
	{201, "Created"						},
	{202, "Accepted"					   },
	{204, "No Content"                     },
	{206, "Partial Content"                },
	{300, "Multiple Choices"               },
	{302, "Found"						  },
	{303, "See Other"					  },
	{304, "Not Modified"                   },
	{400, "Bad Request"                    },
	{401, "Unauthorized"                   },
	{402, "Payment Required"               },
	{403, "Forbidden"					  },
	{404, "Not Found"					  },
	{405, "Method Not Allowed"             },
	{406, "Not Acceptable"                 },
	{408, "Request Timeout"                },
	{409, "Conflict"					   },
	{410, "Gone"						   },
	{411, "Length Required"                },
	{412, "Precondition Failed"            },
	{413, "Content Too Large"              },
	{414, "URI Too Long"                   },
	{415, "Unsupported Media Type"         },
	{416, "Range Not Satisfiable"          },
	{417, "Expectation Failed"             },
	{422, "Unprocessable Content"          },
	{426, "Upgrade Required"               },
	{429, "Too Many Requests"              },
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"          },
	{501, "Not Implemented"                },
	{502, "Bad Gateway"                    },
	{503, "Service Unavailable"            },
	{504, "Gateway Timeout"                },
	{505, "HTTP Version Not Supported"     },
	{507, "Insufficient Storage"           },
};

const char *
status_reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

static void
add_text(cJSON *object, const char *name, const char *text)
{
	if (text != NULL)
		(void) cJSON_AddStringToObject(object, name, text);
	else
		(void) cJSON_AddNullToObject(object, name);
}

void
exchange_refuse(Exchange *exchange, int status, const char *code, const char *message,
				const char *details, const char *hint)
{
	CLEANUP(json) cJSON *body = cJSON_CreateObject();
	CLEANUP(free) char *text = NULL;

	add_text(body, "code", code);
	add_text(body, "details", details);
	add_text(body, "hint", hint);
	add_text(body, "message", message);
	text = cJSON_PrintUnformatted(body);
	exchange_answer(exchange, status, "Content-Type: application/json; charset=utf-8\r\n",
					text, strlen(text));
}
