package io.embeddingoperator.openai.simulator.batch;

import org.jspecify.annotations.Nullable;

/**
 * Why a batch failed.
 *
 * @param param the field, or null
 * @param line the line of the file from 1 on, or null
 */
record BatchError(
        String code,
        String message,
        @Nullable String param,
        @Nullable Integer line) {}
