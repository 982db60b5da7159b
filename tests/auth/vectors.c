/* SPDX-License-Identifier: MIT */
/* Requirements.md 1.9, one row a vector. Those that no RFC prints were computed there with two other programs. */
#include "dialogue.h"

#define NONCE_1 "fyko+d2lbbFgONRv9qkxdawL"
#define NONCE_256 "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE_1 NONCE_1 "3rfcNHYJY1ZVvWVs7j"
#define SERVER_NONCE_256 NONCE_256 "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SERVER_FIRST_1 "r=" SERVER_NONCE_1 ",s=QSXCR+Q6sek8bf92,i=4096"
#define SERVER_FIRST_256 "r=" SERVER_NONCE_256 ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define BINDING_OCTETS "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* Octets 00 to 1F. */
static const uint8_t binding[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

#define PENCIL .user = "user", .password = "pencil"
#define BOUND(type) .binding_type = (type), .binding = {binding, sizeof binding}

const struct dialogue dialogues[] = {
    {.name = "V-PLAIN RFC 2595",
     .mechanism = &pop3_sasl_plain,
     .credentials = {.user = "tim", .password = "tanstaaftanstaaf"},
     .initial = "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"},
    {.name = "V-PLAIN RFC 4616, for another",
     .mechanism = &pop3_sasl_plain,
     .credentials = {.authzid = "Ursel", .user = "Kurt", .password = "xipj3plmq"},
     .initial = "VXJzZWwAS3VydAB4aXBqM3BsbXE="},
    {.name = "V-PLAIN RFC 5034",
     .mechanism = &pop3_sasl_plain,
     .credentials = {.authzid = "test", .user = "test", .password = "test"},
     .initial = "dGVzdAB0ZXN0AHRlc3Q="},
    {.name = "V-LOGIN",
     .mechanism = &pop3_sasl_login,
     .credentials = {.user = "tim", .password = "tanstaaftanstaaf"},
     .steps = {{"VXNlcm5hbWU6", "dGlt"}, {"UGFzc3dvcmQ6", "dGFuc3RhYWZ0YW5zdGFhZg=="}},
     .complete = 2},
    {.name = "V-CRAM",
     .mechanism = &pop3_sasl_cram_md5,
     .credentials = {.user = "tim", .password = "tanstaaftanstaaf"},
     .steps = {{"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
                "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"}},
     .complete = 1},
    {.name = "V-SCRAM1",
     .mechanism = &pop3_sasl_scram_sha_1,
     .credentials = {PENCIL},
     .nonce = NONCE_1,
     .text = true,
     .initial = "n,,n=user,r=" NONCE_1,
     .steps = {{SERVER_FIRST_1, "c=biws,r=" SERVER_NONCE_1 ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="},
               {"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", ""}},
     .complete = 2},
    {.name = "V-SCRAM1 y",
     .mechanism = &pop3_sasl_scram_sha_1,
     .credentials = {PENCIL, BOUND("tls-exporter")},
     .nonce = NONCE_1,
     .text = true,
     .initial = "y,,n=user,r=" NONCE_1,
     .steps = {{SERVER_FIRST_1, "c=eSws,r=" SERVER_NONCE_1 ",p=BjZF5dV+EkD3YCb3pH3IP8riMGw="},
               {"v=dsprQ5R2AGYt1kn4bQRwTAE0PTU=", ""}},
     .complete = 2},
    {.name = "V-SCRAM256",
     .mechanism = &pop3_sasl_scram_sha_256,
     .credentials = {PENCIL},
     .nonce = NONCE_256,
     .text = true,
     .steps = {{SERVER_FIRST_256, "c=biws,r=" SERVER_NONCE_256 ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="},
               {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", ""}},
     .complete = 2},
    {.name = "V-SCRAM256 y",
     .mechanism = &pop3_sasl_scram_sha_256,
     .credentials = {PENCIL, BOUND("tls-server-end-point")},
     .nonce = NONCE_256,
     .text = true,
     .steps = {{SERVER_FIRST_256, "c=eSws,r=" SERVER_NONCE_256 ",p=FoqiHTtQEDE8lz1CdaEe3tK4mS+iMDTl77SPyDS53DY="},
               {"v=dI4KpiQJwBr1+V+K6U1dA6l6I4I9DUNXWND4pcpRU3U=", ""}},
     .complete = 2},
    {.name = "V-PLUS SHA-1 tls-exporter",
     .mechanism = &pop3_sasl_scram_sha_1_plus,
     .credentials = {PENCIL, BOUND("tls-exporter")},
     .nonce = NONCE_1,
     .text = true,
     .initial = "p=tls-exporter,,n=user,r=" NONCE_1,
     .steps = {{SERVER_FIRST_1, "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r=" SERVER_NONCE_1
                                ",p=i0z2xFi+ITaJvbLXpcWyruGx26U="},
               {"v=YgmPUhdXTCPY9I7+PKzEdnp1cdo=", ""}},
     .complete = 2},
    {.name = "V-PLUS SHA-1 tls-server-end-point",
     .mechanism = &pop3_sasl_scram_sha_1_plus,
     .credentials = {PENCIL, BOUND("tls-server-end-point"), .plus_offered = true},
     .nonce = NONCE_1,
     .text = true,
     .initial = "p=tls-server-end-point,,n=user,r=" NONCE_1,
     .steps = {{SERVER_FIRST_1, "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws" BINDING_OCTETS ",r=" SERVER_NONCE_1
                                ",p=z8dLQJmun2sA+XpCkRPSWO61Enc="},
               {"v=if1R+hByy96r9wlpTEFxowaJvkg=", ""}},
     .complete = 2},
    {.name = "V-PLUS SHA-256 tls-exporter",
     .mechanism = &pop3_sasl_scram_sha_256_plus,
     .credentials = {PENCIL, BOUND("tls-exporter"), .plus_offered = true},
     .nonce = NONCE_256,
     .text = true,
     .steps = {{SERVER_FIRST_256,
                "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r=" SERVER_NONCE_256
                ",p=QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M="},
               {"v=2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs=", ""}},
     .complete = 2},
    {.name = "V-PLUS SHA-256 tls-server-end-point",
     .mechanism = &pop3_sasl_scram_sha_256_plus,
     .credentials = {PENCIL, BOUND("tls-server-end-point")},
     .nonce = NONCE_256,
     .text = true,
     .steps = {{SERVER_FIRST_256, "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws" BINDING_OCTETS ",r=" SERVER_NONCE_256
                                  ",p=nY1Wus9a+gM2DrbQ1msXFgyhW6KM5ktOxWiU+/P/EGY="},
               {"v=RwppMGddhz/J0lFYaRReBjXcQeNUFP5Qc76Lo5Exrig=", ""}},
     .complete = 2},
    {.name = "V-OAUTHB RFC 7628",
     .mechanism = &pop3_sasl_oauthbearer,
     .credentials = {.user = "user@example.com",
                     .token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                     .host = "server.example.com",
                     .port = 143},
     .initial =
         "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRj"
         "Mk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"},
    {.name = "V-OAUTHB port 995",
     .mechanism = &pop3_sasl_oauthbearer,
     .credentials = {.user = "user@example.com",
                     .token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                     .host = "server.example.com",
                     .port = 995},
     .initial =
         "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9OTk1AWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRj"
         "Mk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"},
    {.name = "V-XOAUTH2",
     .mechanism = &pop3_sasl_xoauth2,
     .credentials = {.user = "someuser@example.com", .token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"},
     .initial =
         "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZ"
         "Mjl0Q2cBAQ=="},
    {.name = "V-EXT for another",
     .mechanism = &pop3_sasl_external,
     .credentials = {.authzid = "fred@example.com"},
     .initial = "ZnJlZEBleGFtcGxlLmNvbQ=="},
    {.name = "V-EXT", .mechanism = &pop3_sasl_external, .credentials = {.user = "fred"}, .initial = ""},
};

const size_t dialogue_count = sizeof dialogues / sizeof dialogues[0];
