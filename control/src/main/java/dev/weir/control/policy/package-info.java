// SPDX-License-Identifier: Apache-2.0

/// Guard rails of releases. [dev.weir.control.policy.GuardRails] evaluates all of them. Pure: the
/// inputs are stored resources and the time, the results are messages for users.
@NullMarked
package dev.weir.control.policy;

import org.jspecify.annotations.NullMarked;
