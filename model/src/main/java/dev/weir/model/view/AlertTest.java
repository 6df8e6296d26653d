// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.view;

/// The result of a test alert.
///
/// @param delivered whether the channel accepted the alert
/// @param answer status and first line of the response, or the reason why there is none
public record AlertTest(boolean delivered, String answer) {}
