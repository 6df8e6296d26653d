// SPDX-License-Identifier: Apache-2.0

/// Receivers of alerts that record what they get, and a real Alertmanager, for trial `alerts`.
@NullMarked
package dev.weir.trials.alerts;

import org.jspecify.annotations.NullMarked;
