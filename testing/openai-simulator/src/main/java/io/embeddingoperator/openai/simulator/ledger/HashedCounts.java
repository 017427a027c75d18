package io.embeddingoperator.openai.simulator.ledger;

import java.util.Arrays;

/** Two counters for each of millions of hashes, in a few bytes each. */
final class HashedCounts {
    private static final int FIRST_SIZE = 1 << 12;

    /** Zero marks a free place; the hash that is zero is kept as one. */
    private long[] hashes = new long[FIRST_SIZE];

    private int[] first = new int[FIRST_SIZE];
    private int[] second = new int[FIRST_SIZE];
    private int size;

    int addFirst(long hash, int amount) {
        int place = place(hash);
        return first[place] += amount;
    }

    int addSecond(long hash, int amount) {
        int place = place(hash);
        return second[place] += amount;
    }

    int first(long hash) {
        int place = find(hash == 0 ? 1 : hash);
        return hashes[place] == 0 ? 0 : first[place];
    }

    int second(long hash) {
        int place = find(hash == 0 ? 1 : hash);
        return hashes[place] == 0 ? 0 : second[place];
    }

    int size() {
        return size;
    }

    /** How many have a first counter above one. */
    long repeatedFirst() {
        return Arrays.stream(first).filter(count -> count > 1).count();
    }

    /** How many have a second counter above one. */
    long repeatedSecond() {
        return Arrays.stream(second).filter(count -> count > 1).count();
    }

    private int place(long raw) {
        long hash = raw == 0 ? 1 : raw;
        int place = find(hash);
        if (hashes[place] != 0) {
            return place;
        }
        if (size * 2 >= hashes.length) {
            grow();
            place = find(hash);
        }
        hashes[place] = hash;
        size++;
        return place;
    }

    private int find(long hash) {
        int mask = hashes.length - 1;
        int place = Long.hashCode(hash) & mask;
        while (hashes[place] != 0 && hashes[place] != hash) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldFirst = first;
        int[] oldSecond = second;
        hashes = new long[oldHashes.length * 2];
        first = new int[hashes.length];
        second = new int[hashes.length];
        for (int old = 0; old < oldHashes.length; old++) {
            if (oldHashes[old] != 0) {
                int place = find(oldHashes[old]);
                hashes[place] = oldHashes[old];
                first[place] = oldFirst[old];
                second[place] = oldSecond[old];
            }
        }
    }
}
