// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

/// One setting of a running process. It never contains a secret, because settings hold secrets by
/// reference only.
///
/// @param key as in `weir.yaml`
/// @param value the value as text; may be empty
/// @param origin the source of the value: `default`, `file PATH`, `environment NAME` or `flag`
/// @param meaning description of the setting, one line
public record SettingView(String key, String value, String origin, String meaning) {}
