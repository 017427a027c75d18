package io.embeddingoperator.runner.source.files;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the pages that are decompressed at the same time may take, of all columns together. A page that holds the longest
 * document that there may be fits many times over; one that was made to fill the memory does not.
 */
final class PageBudget {
    static final int MAX_BYTES = 128 * 1024 * 1024;

    private final Map<ColumnPages, Integer> dictionaries = new HashMap<>();
    private final Map<ColumnPages, Integer> pages = new HashMap<>();

    /** Notes a column's dictionary, which stays. */
    void dictionary(ColumnPages column, int bytes) throws DamagedParquetException {
        note(dictionaries, column, bytes);
    }

    /** Notes a column's page, which takes the place of the one before it. */
    void page(ColumnPages column, int bytes) throws DamagedParquetException {
        note(pages, column, bytes);
    }

    private void note(Map<ColumnPages, Integer> kept, ColumnPages column, int bytes) throws DamagedParquetException {
        kept.put(column, bytes);
        long total = sum(dictionaries) + sum(pages);
        if (total > MAX_BYTES) {
            throw new DamagedParquetException(String.format(
                    Locale.ROOT,
                    "column %s has a page of %,d bytes, which with the pages beside it are %,d, and %,d are the most:"
                            + " write smaller pages",
                    column.name(),
                    bytes,
                    total,
                    MAX_BYTES));
        }
    }

    private static long sum(Map<ColumnPages, Integer> kept) {
        return kept.values().stream().mapToLong(Integer::longValue).sum();
    }
}
