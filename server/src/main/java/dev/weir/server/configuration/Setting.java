// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.configuration;

import java.util.Optional;

/// All settings with their key in `weir.yaml`, environment variable, default and validation.
///
/// Precedence: flags, environment, file, default.
public enum Setting {
  DATA("data", "./weir-data", SettingChecks.FOLDER, "folder for all data of Weir"),
  GATEWAY(
      "gateway",
      "127.0.0.1:8080",
      SettingChecks.ADDRESS,
      "address for applications; port 0 = any free port"),
  GATEWAY_CERT(
      "gatewayCert", "", SettingChecks.FILE, "PEM file: certificate and chain of the gateway"),
  GATEWAY_CERT_KEY(
      "gatewayCertKey", "", SettingChecks.FILE, "PEM file: private key of the certificate"),
  GATEWAY_ALLOWED_ORIGINS(
      "gatewayAllowedOrigins",
      "",
      SettingChecks.ORIGINS,
      "origins of web pages that may call the gateway (CORS), separated by commas, such as"
          + " `https://app.example`; `*` = every origin; empty = none"),
  CONTROL(
      "control",
      "127.0.0.1:9090",
      SettingChecks.ADDRESS,
      "address of the control API; port 0 = any free port"),
  CONTROL_CERT(
      "controlCert", "", SettingChecks.FILE, "PEM file: certificate and chain of the control API"),
  CONTROL_CERT_KEY(
      "controlCertKey", "", SettingChecks.FILE, "PEM file: private key of the certificate"),
  STORE(
      "store",
      "sqlite",
      SettingChecks.oneOf("sqlite"),
      "store of resources; `sqlite` = a file in the data folder"),
  CONTROL_URL("controlUrl", "", SettingChecks.URL, "for `weir gateway`: URL of the control plane"),
  CA(
      "ca",
      "",
      SettingChecks.FILE,
      "PEM file: CA of the control plane's certificate; empty = Java's default trust store"),
  GATEWAY_ID(
      "gatewayId",
      "",
      SettingChecks.TEXT,
      "for `weir gateway`: a stable name; empty = generated once and stored in the data folder"),
  GATEWAY_KEY(
      "gatewayKey",
      "",
      SettingChecks.REFERENCE,
      "for `weir gateway`: reference to the key, `file:PATH` or `env:NAME`"),
  PLAINTEXT_BEYOND_LOOPBACK(
      "plaintextBeyondLoopback",
      "false",
      SettingChecks.FLAG,
      "allow plain text on addresses other than loopback"),
  KEEP_REPLICAS(
      "keepReplicas",
      "false",
      SettingChecks.FLAG,
      "leave replicas running on shutdown, so that the next start adopts them: for upgrades of Weir"),
  ADOPT_STORE(
      "adoptStore",
      "false",
      SettingChecks.FLAG,
      "for one start: accept the store that is found, or a new and empty one, although"
          + " the data folder or the gateway knows another store"),
  ACCESS_LOG(
      "accessLog",
      "",
      SettingChecks.FILE,
      "access log of the gateway, one JSON line per request, at most two files of 256 MiB;"
          + " `-` = standard output; empty = none"),
  OTLP_ENDPOINT(
      "otlpEndpoint",
      "",
      SettingChecks.URL,
      "base URL of an OpenTelemetry collector (OTLP over HTTP) for spans of requests; empty"
          + " = none"),
  OTLP_SHARE(
      "otlpShare",
      "1",
      SettingChecks.SHARE,
      "share of requests with spans, 0 to 1, unless their `traceparent` decides"),
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

  public String key() {
    return key;
  }

  public String fallback() {
    return fallback;
  }

  /// The allowed texts, in Markdown.
  public String allowed() {
    return check.allowed();
  }

  public String meaning() {
    return meaning;
  }

  /// The problem of a value, as the predicate of a sentence that starts with the key.
  Optional<String> problem(String text) {
    return check.problem(text);
  }

  /// For example `WEIR_LOG_FORMAT`.
  public String variable() {
    return "WEIR_" + name();
  }
}
