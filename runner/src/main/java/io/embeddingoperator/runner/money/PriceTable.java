package io.embeddingoperator.runner.money;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/**
 * Published prices as they were on a day, from {@code prices.json} beside this class.
 *
 * @param date on which the prices were looked up
 * @param usdPerMillionTokens by the model's name
 */
record PriceTable(String date, Map<String, Entry> usdPerMillionTokens) {
    PriceTable {
        LocalDate.parse(date);
        usdPerMillionTokens = Map.copyOf(usdPerMillionTokens);
    }

    static PriceTable published() {
        try (InputStream file = PriceTable.class.getResourceAsStream("prices.json")) {
            return JsonMapper.builder().build().readValue(file, PriceTable.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Optional<Prices> of(String model) {
        return Optional.ofNullable(usdPerMillionTokens.get(model))
                .map(entry -> new Prices(
                        new Price(entry.realtime()),
                        new Price(entry.batch()),
                        "the prices published on %s".formatted(date)));
    }

    /** US dollars for a million tokens. */
    record Entry(BigDecimal realtime, BigDecimal batch) {}
}
