// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

/// Every setting there is: its key in `weir.yaml`, its environment variable, its default.
///
/// Flags beat the environment, the environment beats the file, the file beats the default.
enum Setting {
  DATA("data", "./weir-data", "folder that holds everything Weir keeps"),
  GATEWAY("gateway", "127.0.0.1:8080", "address that applications call; port 0 = any free port"),
  CONTROL("control", "127.0.0.1:9090", "address of the control API; port 0 = any free port"),
  STORE("store", "sqlite", "where resources are kept; `sqlite` = a file in the data folder"),
  CONTROL_URL("controlUrl", "", "for `weir gateway`: the control plane's URL"),
  GATEWAY_ID("gatewayId", "", "for `weir gateway`: a stable name; empty = made once, kept in data"),
  GATEWAY_KEY(
      "gatewayKey", "", "for `weir gateway`: the key by reference, `file:PATH` or `env:NAME`"),
  PLAINTEXT_BEYOND_LOOPBACK(
      "plaintextBeyondLoopback", "false", "listen on other addresses than loopback without TLS"),
  KEEP_REPLICAS(
      "keepReplicas",
      "false",
      "leave replicas running at the end, for the next start to adopt: for upgrades of Weir"),
  LOG_FORMAT("logFormat", "auto", "`json`, `text`, or `auto`: text on a terminal"),
  LOG_LEVEL("logLevel", "info", "`error`, `warn`, `info` or `debug`");

  private final String key;
  private final String fallback;
  private final String meaning;

  Setting(String key, String fallback, String meaning) {
    this.key = key;
    this.fallback = fallback;
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

  /// For example `WEIR_LOG_FORMAT`.
  String variable() {
    return "WEIR_" + name();
  }
}
