// SPDX-License-Identifier: Apache-2.0
/// What a gateway asks by itself while a release has too few clients: when, and in which words.
///
/// Nothing here calls anybody; the request that comes of it is made by the gateway's own pipeline.
@org.jspecify.annotations.NullMarked
package dev.weir.gateway.generate;
