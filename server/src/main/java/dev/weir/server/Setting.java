// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.Optional;

/// Every setting there is: its key in `weir.yaml`, its environment variable, its default, and what
/// its text must look like.
///
/// Flags beat the environment, the environment beats the file, the file beats the default.
enum Setting {
  DATA("data", "./weir-data", SettingChecks::notEmpty, "folder that holds everything Weir keeps"),
  GATEWAY(
      "gateway",
      "127.0.0.1:8080",
      SettingChecks::address,
      "address that applications call; port 0 = any free port"),
  GATEWAY_CERT(
      "gatewayCert",
      "",
      SettingChecks::anything,
      "PEM file: the gateway's certificate and its chain"),
  GATEWAY_CERT_KEY(
      "gatewayCertKey", "", SettingChecks::anything, "PEM file: the key that belongs to it"),
  GATEWAY_ALLOWED_ORIGINS(
      "gatewayAllowedOrigins",
      "",
      SettingChecks::origins,
      "origins whose web pages may call the gateway (CORS), separated by commas, such as"
          + " `https://app.example`; `*` = every origin; empty = none"),
  CONTROL(
      "control",
      "127.0.0.1:9090",
      SettingChecks::address,
      "address of the control API; port 0 = any free port"),
  CONTROL_CERT(
      "controlCert",
      "",
      SettingChecks::anything,
      "PEM file: the control API's certificate and its chain"),
  CONTROL_CERT_KEY(
      "controlCertKey", "", SettingChecks::anything, "PEM file: the key that belongs to it"),
  STORE(
      "store",
      "sqlite",
      SettingChecks.oneOf("sqlite"),
      "where resources are kept; `sqlite` = a file in the data folder"),
  CONTROL_URL("controlUrl", "", SettingChecks::url, "for `weir gateway`: the control plane's URL"),
  CA(
      "ca",
      "",
      SettingChecks::anything,
      "PEM file: CA of the control plane's certificate; empty = Java's default trust store"),
  GATEWAY_ID(
      "gatewayId",
      "",
      SettingChecks::anything,
      "for `weir gateway`: a stable name; empty = made once, kept in data"),
  GATEWAY_KEY(
      "gatewayKey",
      "",
      SettingChecks::reference,
      "for `weir gateway`: the key by reference, `file:PATH` or `env:NAME`"),
  PLAINTEXT_BEYOND_LOOPBACK(
      "plaintextBeyondLoopback",
      "false",
      SettingChecks::trueOrFalse,
      "listen on other addresses than loopback without TLS"),
  KEEP_REPLICAS(
      "keepReplicas",
      "false",
      SettingChecks::trueOrFalse,
      "leave replicas running at the end, for the next start to adopt: for upgrades of Weir"),
  ADOPT_STORE(
      "adoptStore",
      "false",
      SettingChecks::trueOrFalse,
      "for one start: take the store that is found, or a new and empty one, for the right one, although"
          + " the data folder or the gateway knows another"),
  ACCESS_LOG(
      "accessLog",
      "",
      SettingChecks::anything,
      "file that the gateway appends a line of JSON to for each request, two of 256 MiB at most;"
          + " `-` = standard output; empty = none"),
  OTLP_ENDPOINT(
      "otlpEndpoint",
      "",
      SettingChecks::url,
      "base URL of an OpenTelemetry collector (OTLP over HTTP) that spans of requests go to; empty"
          + " = none"),
  OTLP_SHARE(
      "otlpShare",
      "1",
      SettingChecks::share,
      "share of requests that have spans, 0 to 1, where their `traceparent` does not say"),
  LOG_FORMAT(
      "logFormat",
      "auto",
      SettingChecks.oneOf("json", "text", "auto"),
      "`json`, `text`, or `auto`: text on a terminal"),
  LOG_LEVEL(
      "logLevel",
      "info",
      SettingChecks.oneOf("error", "warn", "info", "debug"),
      "`error`, `warn`, `info` or `debug`");

  private final String key;
  private final String fallback;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final SettingChecks.Check check;

  private final String meaning;

  Setting(String key, String fallback, SettingChecks.Check check, String meaning) {
    this.key = key;
    this.fallback = fallback;
    this.check = check;
    this.meaning = meaning;
  }

  String key() {
    return key;
  }

  String fallback() {
    return fallback;
  }

  String meaning() {
    return meaning;
  }

  /// What is wrong with a text, as the rest of a sentence that begins with the key.
  Optional<String> problem(String text) {
    return check.problem(text);
  }

  /// For example `WEIR_LOG_FORMAT`.
  String variable() {
    return "WEIR_" + name();
  }
}
