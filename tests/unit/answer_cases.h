/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the tenant and what they mean: each line of the tables of
 * auth0-api.md 1.4, 1.5, 2.3 and 3.1, with its words as they were seen.
 */
#ifndef PWL_TESTS_ANSWER_CASES_H
#define PWL_TESTS_ANSWER_CASES_H

#include "core/reason.h"

typedef struct {
    const char *what;
    int status;
    const char *error; /* NULL: `text` is the whole body */
    const char *text;
    pwl_reason_t want;
} case_t;

/* clang-format off */
static const case_t starts[] = {
    {"1.4: 200 with the record", 200, NULL, "{\"_id\":\"66f0\",\"email\":\"u@x.org\",\"email_verified\":false}", PWL_OK},
    {"1.4: 200, nothing in it", 200, NULL, "", PWL_OK},
    {"1.4: 201", 201, NULL, "{}", PWL_OK},
    {"1.4: 204", 204, NULL, "", PWL_OK},
    {"U6: 200 with HTML is judged by status alone", 200, NULL, "<html>", PWL_OK},
    {"1.5: no client_id", 400, "bad.client_id", "Missing required property: client_id", PWL_TENANT_CONFIG},
    {"1.5: wrong host", 400, "bad.tenant", "error in tenant - tenant validation failed: invalid_tenant", PWL_TENANT_CONFIG},
    {"1.5: no connection", 400, "bad.connection", "Missing required property: connection", PWL_TENANT_CONFIG},
    {"1.5: connection does not exist", 400, "bad.connection", "Connection does not exist", PWL_TENANT_CONFIG},
    {"1.5: connection is off", 400, "bad.connection", "Connection is disabled", PWL_TENANT_CONFIG},
    {"1.5: a database connection", 400, "bad.connection", "Invalid connection strategy. It must either be a passwordless connection", PWL_TENANT_CONFIG},
    {"1.5: the same in the words of 2015", 400, "bad.connection", "The connection does not support user creation through this API. It must either be a passwordless connection", PWL_TENANT_CONFIG},
    {"1.5: sign-ups are off", 400, "bad.connection", "Public signup is disabled", PWL_TENANT_CLOSED},
    {"1.5: send", 400, "bad.send", "error in send - No enum match for: X", PWL_TENANT_CONFIG},
    {"1.5: authParams", 400, "bad.authParams", "error in authParams - invalid type: string (expected object)", PWL_TENANT_CONFIG},
    {"1.5: unknown field", 400, "bad.request", "the following properties are not allowed: X", PWL_TENANT_CONFIG},
    {"1.5: no address", 400, "bad.email", "Missing required property: email", PWL_TENANT_ADDRESS},
    {"1.5: not an address", 400, "bad.email", "error in email - email format validation failed: X", PWL_TENANT_ADDRESS},
    {"1.5: no number", 400, "bad.phone_number", "Missing required property: phone_number", PWL_TENANT_ADDRESS},
    {"1.5: not E.164", 400, "bad.phone_number", "String does not match pattern: ^\\\\+[0-9]{1,15}$", PWL_TENANT_ADDRESS},
    {"1.5: number does not exist", 400, "sms_provider_error", "The number is not valid. (Code: 21211)", PWL_TENANT_ADDRESS},
    {"1.5: country not allowed", 400, "sms_provider_error", "Permission to send has not been enabled (Code: 21408)", PWL_TENANT_CONFIG},
    {"1.5: SMS gateway broken", 400, "sms_provider_error", "Unexpected response while calling the SMS gateway: 500", PWL_TENANT_MAIL},
    {"1.5: SMS gateway refuses", 400, "sms_provider_error", "Authentication failed while calling the SMS gateway: 401", PWL_TENANT_MAIL},
    {"1.5: SMS gateway silent", 400, "sms_provider_error", "Timeout while calling the SMS gateway: x", PWL_TENANT_MAIL},
    {"1.5: server_error with 400", 400, "server_error", "server_error", PWL_TENANT_CONFIG},
    {"1.5: bad CAPTCHA", 400, "invalid_captcha", "x", PWL_TENANT_STEP},
    {"1.5: bad CAPTCHA, shape B", 400, NULL, "{\"code\":\"invalid_captcha\",\"description\":\"x\"}", PWL_TENANT_STEP},
    {"1.5: bot detection, 400", 400, "requires_verification", "x", PWL_TENANT_STEP},
    {"1.5: bot detection, 401", 401, "requires_verification", "x", PWL_TENANT_STEP},
    {"1.5: bot detection, 403", 403, "requires_verification", "x", PWL_TENANT_STEP},
    {"1.5: an Action refused", 400, "extensibility_error", "x", PWL_TENANT_DENIED},
    {"1.5: wrong secret", 401, "access_denied", "Unauthorized", PWL_TENANT_CONFIG},
    {"U10: wrong secret as the specification has it", 401, "invalid_client", "x", PWL_TENANT_CONFIG},
    {"U10: client authentication is required", 403, "unauthorized_client", "Client authentication is required", PWL_TENANT_CONFIG},
    {"1.5: rate limit", 429, "too_many_requests", "Rate limit exceeded.", PWL_TENANT_RATE_LIMIT},
    {"9.2: rate limit, shape C", 429, NULL, "{\"statusCode\":429,\"error\":\"Too Many Requests\",\"message\":\"Global limit has been reached\",\"errorCode\":\"too_many_requests\"}", PWL_TENANT_RATE_LIMIT},
    {"1.5: a 429 with another code", 429, "bad.connection", "x", PWL_TENANT_RATE_LIMIT},
    {"U9: a 429 with nothing in it", 429, NULL, "", PWL_TENANT_RATE_LIMIT},
    {"U8: blocked", 429, "too_many_attempts", "Your account has been blocked", PWL_TENANT_BLOCKED},
    {"1.5: 500 with a code", 500, "bad.email", "x", PWL_TENANT_FAILED},
    {"1.5: 502 with HTML", 502, NULL, "<html>502</html>", PWL_TENANT_FAILED},
    {"1.5: 503 with nothing", 503, NULL, "", PWL_TENANT_FAILED},
    {"U9: 404 with HTML", 404, NULL, "<html>Oops!, something went wrong", PWL_TENANT_CONFIG},
    {"U9: 409 with an unknown code", 409, "what.is.this", "x", PWL_TENANT_CONFIG},
    {"U9: 400 with an unknown code", 400, "what.is.this", "x", PWL_TENANT_CONFIG},
    {"U9: 408", 408, NULL, "", PWL_TENANT_FAILED},
    {"U9: 403 with text", 403, NULL, "Origin is not allowed.", PWL_TENANT_CONFIG},
    {"U9: invalid_grant has no meaning here", 403, "invalid_grant", "expired", PWL_TENANT_CONFIG},
    {"U5: 302", 302, NULL, "", PWL_TENANT_NONSENSE},
    {"U9: no status", 0, NULL, "", PWL_TENANT_NONSENSE},
    {"U9: 600", 600, NULL, "", PWL_TENANT_NONSENSE},
};

static const case_t otps[] = {
    {"2.3: wrong code", 403, "invalid_grant", "Wrong email or verification code.", PWL_TENANT_WRONG_CODE},
    {"2.3: wrong code, sms", 403, "invalid_grant", "Wrong phone number or verification code.", PWL_TENANT_WRONG_CODE},
    {"11 row 4: wrong code with 400", 400, "invalid_grant", "Wrong email or verification code.", PWL_TENANT_WRONG_CODE},
    {"2.3: expired", 403, "invalid_grant", "The verification code has expired. Please try to login again.", PWL_TENANT_EXPIRED_CODE},
    {"2.3: expired, in capitals", 403, "invalid_grant", "EXPIRED", PWL_TENANT_EXPIRED_CODE},
    {"2.3: burnt", 403, "invalid_grant", "You've reached the maximum number of attempts. Please try to login again.", PWL_TENANT_SPENT_CODE},
    {"2.3: the text has changed", 403, "invalid_grant", "Nope.", PWL_TENANT_WRONG_CODE},
    {"2.3: no text at all", 403, NULL, "{\"error\":\"invalid_grant\"}", PWL_TENANT_WRONG_CODE},
    {"2.3: the text is an object", 403, NULL, "{\"error\":\"invalid_grant\",\"error_description\":{\"a\":\"expired\"}}", PWL_TENANT_WRONG_CODE},
    {"U8: brute force", 429, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts. We've sent you an email", PWL_TENANT_BLOCKED},
    {"U8: suspicious IP", 429, "too_many_attempts", "We have detected suspicious login behavior and further attempts will be blocked.", PWL_TENANT_BLOCKED},
    {"2.3: rate limit", 429, "too_many_requests", "x", PWL_TENANT_RATE_LIMIT},
    {"L20: second factor, 403", 403, "mfa_required", "Multifactor authentication required", PWL_TENANT_STEP},
    {"L20: second factor, 401", 401, NULL, "{\"error\":\"mfa_required\",\"mfa_token\":\"Fe26.2*s3cr3t\"}", PWL_TENANT_STEP},
    {"U10: grant not ticked", 403, "unauthorized_client", "Grant type 'http://auth0.com/oauth/grant-type/passwordless/otp' not allowed for the client.", PWL_TENANT_CONFIG},
    {"2.3: wrong secret", 401, "access_denied", "Unauthorized", PWL_TENANT_CONFIG},
    {"U10: invalid_client", 401, "invalid_client", "Client authentication failed", PWL_TENANT_CONFIG},
    {"2.3: an Action denied", 403, "access_denied", "Not today.", PWL_TENANT_DENIED},
    {"2.3: wrong audience", 403, "access_denied", "Service not found: https://api.example.org", PWL_TENANT_CONFIG},
    {"2.3: blocked user, 401", 401, "unauthorized", "user is blocked", PWL_TENANT_DENIED},
    {"2.3: blocked user, 403", 403, "unauthorized", "user is blocked", PWL_TENANT_DENIED},
    {"2.3: parameter missing", 400, "invalid_request", "Missing required parameter: X", PWL_TENANT_CONFIG},
    {"5.3: no such realm", 400, "invalid_request", "Unknown realm: x", PWL_TENANT_CONFIG},
    {"2.3: scope not a string", 400, "invalid_request", "scope parameter must be a string", PWL_TENANT_CONFIG},
    {"2.3: unknown grant", 400, "unsupported_grant_type", "x", PWL_TENANT_CONFIG},
    {"2.3: bot detection, 400", 400, "requires_verification", "x", PWL_TENANT_STEP},
    {"2.3: bot detection, 401", 401, "requires_verification", "x", PWL_TENANT_STEP},
    {"2.3: bot detection, 403", 403, "requires_verification", "x", PWL_TENANT_STEP},
    {"2.3: invalid client of old", 403, "unauthorized_client", "invalid client", PWL_TENANT_CONFIG},
    {"2.3: endpoint_disabled", 404, "endpoint_disabled", "x", PWL_TENANT_CONFIG},
    {"2.3: method_not_allowed", 405, "method_not_allowed", "x", PWL_TENANT_CONFIG},
    {"2.3: server_error 500", 500, "server_error", "x", PWL_TENANT_FAILED},
    {"2.3: server_error 501", 501, "server_error", "x", PWL_TENANT_FAILED},
    {"2.3: temporarily_unavailable 503", 503, "temporarily_unavailable", "x", PWL_TENANT_FAILED},
    {"U9: temporarily_unavailable with 400", 400, "temporarily_unavailable", "x", PWL_TENANT_FAILED},
    {"U9: invalid_grant with 500 is a failure", 500, "invalid_grant", "expired", PWL_TENANT_FAILED},
    {"10.3: text", 401, NULL, "Unauthorized", PWL_TENANT_CONFIG},
};

static const case_t codes[] = {
    {"3.1: invalid code", 403, "invalid_grant", "Invalid authorization code", PWL_TENANT_START_AGAIN},
    {"11 row 4: invalid code with 400", 400, "invalid_grant", "Invalid authorization code", PWL_TENANT_START_AGAIN},
    {"O5: verifier refused", 403, "invalid_grant", "Failed to verify code verifier", PWL_TENANT_START_AGAIN},
    {"3.1: expired is no other thing here", 403, "invalid_grant", "expired", PWL_TENANT_START_AGAIN},
    {"3.1: access_denied", 401, "access_denied", "Unauthorized", PWL_TENANT_CONFIG},
    {"3.1: invalid_client", 401, "invalid_client", "x", PWL_TENANT_CONFIG},
    {"U10: grant off", 403, "unauthorized_client", "Grant type 'authorization_code' not allowed for the client.", PWL_TENANT_CONFIG},
};

static const case_t refreshes[] = {
    {"S14: unknown, revoked, expired, used twice", 403, "invalid_grant", "Unknown or invalid refresh token.", PWL_TOKENS_WITHDRAWN},
    {"S14: the same with 400", 400, "invalid_grant", "x", PWL_TOKENS_WITHDRAWN},
    {"S14: the user is gone", 403, "invalid_grant", "The refresh_token was generated for a user who doesn't exist anymore.", PWL_TOKENS_WITHDRAWN},
    {"S14: blocked, 403", 403, "unauthorized", "user is blocked", PWL_TOKENS_WITHDRAWN},
    {"S14: blocked, 401", 401, "unauthorized", "user is blocked", PWL_TOKENS_WITHDRAWN},
    {"S14: an Action denied", 403, "access_denied", "Not today.", PWL_TOKENS_WITHDRAWN},
    {"S14: a second factor", 403, "mfa_required", "Multifactor authentication required", PWL_TOKENS_WITHDRAWN},
    {"3.2: the API is gone", 403, "access_denied", "Service not found: https://api.example.org", PWL_TENANT_CONFIG},
    {"3.2: wrong secret", 401, "access_denied", "Unauthorized", PWL_TENANT_CONFIG},
    {"3.2: wrong secret, in other words", 401, "invalid_client", "x", PWL_TENANT_CONFIG},
    {"3.2: grant off", 403, "unauthorized_client", "Grant type 'refresh_token' not allowed for the client.", PWL_TENANT_CONFIG},
    {"3.2: invalid_request", 400, "invalid_request", "x", PWL_TENANT_CONFIG},
    {"U9: rate limit", 429, "too_many_requests", "x", PWL_TENANT_RATE_LIMIT},
    {"U9: invalid_grant with 429 is a limit", 429, "invalid_grant", "x", PWL_TENANT_RATE_LIMIT},
    {"U9: invalid_grant with 500 is a failure", 500, "invalid_grant", "x", PWL_TENANT_FAILED},
    {"U9: 503", 503, NULL, "", PWL_TENANT_FAILED},
    {"U6: 200 with HTML", 200, NULL, "<html>", PWL_TENANT_NONSENSE},
    {"U7: an access token is enough", 200, NULL, "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}", PWL_OK},
    {"U7: with an ID token", 200, NULL, "{\"access_token\":\"a\",\"id_token\":\"a.b.c\",\"token_type\":\"Bearer\"}", PWL_OK},
    {"U7: no access token", 200, NULL, "{\"id_token\":\"a.b.c\",\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE},
    {"U7: an empty one", 200, NULL, "{\"access_token\":\"\",\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE},
    {"J20: an ID token that is no text is not none", 200, NULL, "{\"access_token\":\"a\",\"id_token\":null,\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE},
    {"J20: nor is an empty one", 200, NULL, "{\"access_token\":\"a\",\"id_token\":\"\",\"token_type\":\"Bearer\"}", PWL_TENANT_NONSENSE},
};

static const case_t revokes[] = {
    {"3.3: nothing", 200, NULL, "", PWL_OK},
    {"3.3: text", 200, NULL, "OK", PWL_OK},
    {"3.3: no token", 400, "invalid_request", "x", PWL_TENANT_CONFIG},
    {"3.3: wrong secret", 401, "invalid_client", "x", PWL_TENANT_CONFIG},
    {"3.3: rate limit", 429, "too_many_requests", "x", PWL_TENANT_RATE_LIMIT},
    {"3.3: 502", 502, NULL, "<html>", PWL_TENANT_FAILED},
    {"3.3: a redirect", 302, NULL, "", PWL_TENANT_NONSENSE},
};
/* clang-format on */

#endif
