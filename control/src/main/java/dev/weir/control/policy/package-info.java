// SPDX-License-Identifier: Apache-2.0

/// Guard rails of releases: what holds one back that is about to begin, and why.
/// [dev.weir.control.policy.GuardRails] asks them all. Pure: what is stored and what time it is go
/// in, and sentences for people come out.
@NullMarked
package dev.weir.control.policy;

import org.jspecify.annotations.NullMarked;
