// SPDX-License-Identifier: Apache-2.0

/// `weir doctor`: checks of the fleet, engines, faults and alerts.
@NullMarked
package dev.weir.cli.doctor;

import org.jspecify.annotations.NullMarked;
