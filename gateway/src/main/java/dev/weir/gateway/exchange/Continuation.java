// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

/// Where another replica takes a broken stream up.
///
/// @param text what the client has got so far
/// @param tokens how many output tokens that was
/// @param usageOnly all text has been sent; only the counts are still owed
public record Continuation(String text, long tokens, boolean usageOnly) {}
