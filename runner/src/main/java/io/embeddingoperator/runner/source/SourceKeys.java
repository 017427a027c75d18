package io.embeddingoperator.runner.source;

/** The keys of all documents that a source holds now, which are compared with those of a table without reading documents. */
public interface SourceKeys {
    KeyDigests digests(int buckets);

    /** The hashes of the keys in some of the buckets, by ascending value. */
    long[] hashes(int buckets, int[] wanted);
}
