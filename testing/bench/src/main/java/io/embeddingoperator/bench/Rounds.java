package io.embeddingoperator.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Seconds that each contender took in each round. All take their turn in every round, so that other work of the
 * machine slows all of them down alike: only numbers of the same round are compared.
 */
final class Rounds {
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    void add(String contender, double taken) {
        seconds.computeIfAbsent(contender, name -> new ArrayList<>()).add(taken);
    }

    List<String> contenders() {
        return List.copyOf(seconds.keySet());
    }

    /** Of an amount of work that every contender does once a round. */
    Spread perSecond(String contender, double work) {
        return Spread.of(of(contender).stream().map(taken -> work / taken).toList());
    }

    /** How many times as fast the first was as the second, round by round. */
    Spread speedup(String fast, String slow) {
        List<Double> fastSeconds = of(fast);
        List<Double> slowSeconds = of(slow);
        return Spread.of(IntStream.range(0, fastSeconds.size())
                .mapToObj(round -> slowSeconds.get(round) / fastSeconds.get(round))
                .toList());
    }

    private List<Double> of(String contender) {
        return Objects.requireNonNull(seconds.get(contender), contender);
    }
}
