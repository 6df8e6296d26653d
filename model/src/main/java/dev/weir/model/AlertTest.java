// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// What came of telling a channel something for a test.
///
/// @param taken whether the channel took it
/// @param answer status and first line of what came back, or why nothing did
public record AlertTest(boolean taken, String answer) {}
