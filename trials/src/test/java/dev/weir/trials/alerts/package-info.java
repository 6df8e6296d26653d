// SPDX-License-Identifier: Apache-2.0

/// Those who are told, in the trial of alerts: receivers that write down what they get, and a real
/// Alertmanager.
@NullMarked
package dev.weir.trials.alerts;

import org.jspecify.annotations.NullMarked;
