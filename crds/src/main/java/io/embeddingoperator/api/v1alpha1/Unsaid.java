package io.embeddingoperator.api.v1alpha1;

import org.jspecify.annotations.Nullable;

/**
 * Leaves a field out of JSON that says what is meant without it. A field that came later is unknown to older runners, which
 * refuse a manifest that has it, and would change the fingerprint of a run that is at work.
 */
final class Unsaid {
    private Unsaid() {}

    /** For {@link PgvectorSink#ownership}. */
    static final class Ownership {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value == PgvectorSink.DEFAULT_OWNERSHIP;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link PgvectorSink#orphanLimitPercent}. */
    static final class OrphanLimit {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value.equals(PgvectorSink.DEFAULT_ORPHAN_LIMIT_PERCENT);
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link PgvectorSink#onEmpty}. */
    static final class Empty {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value == PgvectorSink.DEFAULT_EMPTY_POLICY;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link PgvectorSink#replacement}. */
    static final class Replacement {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value == PgvectorSink.DEFAULT_REPLACEMENT;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link PgvectorSink#keepGenerations}. */
    static final class KeptGenerations {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value.equals(PgvectorSink.DEFAULT_KEPT_GENERATIONS);
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link IndexSpec#targetRecall}. */
    static final class TargetRecall {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value.equals(IndexSpec.DEFAULT_TARGET_RECALL);
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link EmbeddingJobSpec#podRetentionSeconds}. */
    static final class PodRetention {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value.equals(EmbeddingJobSpec.DEFAULT_POD_RETENTION_SECONDS);
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link OpenAiEmbedder#sendDimensions}. */
    static final class DimensionsAsNeeded {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value == OpenAiEmbedder.DEFAULT_SEND_DIMENSIONS;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** For {@link S3Source#unchangedObjects}. */
    static final class SkippedObjects {
        @Override
        public boolean equals(@Nullable Object value) {
            return value == null || value == S3Source.DEFAULT_UNCHANGED_OBJECTS;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }
}
