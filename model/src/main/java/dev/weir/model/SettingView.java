// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// One setting of a running process. Secrets are settings by reference only, so none is in it.
///
/// @param key as in `weir.yaml`
/// @param value its text; may be empty
/// @param origin where it came from: `default`, `file PATH`, `environment NAME` or `flag`
/// @param meaning what it is for, one line
public record SettingView(String key, String value, String origin, String meaning) {}
