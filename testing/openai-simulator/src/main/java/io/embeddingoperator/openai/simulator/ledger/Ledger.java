package io.embeddingoperator.openai.simulator.ledger;

import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.account.Model;
import io.embeddingoperator.openai.simulator.embedding.TextHash;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every token that was charged. A text counts as delivered when its vector went out in good order, so that a text that was
 * delivered twice is money wasted by the client, and one that was billed twice and delivered once is the fault's doing.
 */
public final class Ledger {
    private final Map<String, Bill> bills = new LinkedHashMap<>();
    private final Map<String, long[]> requests = new LinkedHashMap<>();
    private final HashedCounts texts = new HashedCounts();
    private final HashedCounts lines = new HashedCounts();

    /** A request in realtime. */
    public synchronized void bill(
            String request, Account account, Model model, long[] hashes, long tokens, boolean delivered, Instant at) {
        put(new Bill(
                request,
                account.organization(),
                model.name(),
                hashes.length,
                tokens,
                model.realtimeCost(tokens),
                at,
                delivered));
        if (delivered) {
            requests.put(request, hashes.clone());
        }
        count(hashes, delivered);
    }

    /** The reply of a request did not arrive after all. */
    public synchronized void lost(String request) {
        long[] hashes = requests.remove(request);
        if (hashes != null) {
            bills.computeIfPresent(request, (_, bill) -> bill.lost());
            for (long hash : hashes) {
                texts.addSecond(hash, -1);
            }
        }
    }

    /** The reply of a request has gone out whole. */
    public synchronized void sent(String request) {
        requests.remove(request);
    }

    /** One line of a batch; the bill of the batch follows in {@link #billBatch}. */
    public synchronized void countLine(String customId, long[] hashes, int tokens, boolean delivered) {
        long line = lineHash(customId);
        lines.addFirst(line, 1);
        lines.addSecond(line, tokens);
        count(hashes, delivered);
    }

    public synchronized void billBatch(
            String batch, Account account, Model model, int inputs, long tokens, Instant at) {
        put(new Bill(batch, account.organization(), model.name(), inputs, tokens, model.batchCost(tokens), at, true));
    }

    private void put(Bill bill) {
        bills.put(bill.id(), bill);
    }

    private void count(long[] hashes, boolean delivered) {
        for (long hash : hashes) {
            texts.addFirst(hash, 1);
            if (delivered) {
                texts.addSecond(hash, 1);
            }
        }
    }

    public synchronized List<Bill> bills() {
        return List.copyOf(bills.values());
    }

    public synchronized long tokens() {
        return bills.values().stream().mapToLong(Bill::tokens).sum();
    }

    public synchronized BigDecimal costUsd() {
        return bills.values().stream().map(Bill::costUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** Money of replies that were billed and did not arrive, or were spoiled on purpose. */
    public synchronized BigDecimal lostUsd() {
        return bills.values().stream()
                .filter(bill -> !bill.delivered())
                .map(Bill::costUsd)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** Different texts that were embedded. */
    public synchronized int texts() {
        return texts.size();
    }

    public synchronized int timesBilled(String model, String text) {
        return texts.first(textHash(model, text));
    }

    public synchronized int timesDelivered(String model, String text) {
        return texts.second(textHash(model, text));
    }

    /** Texts that were charged more than once, for any reason. */
    public synchronized long textsBilledTwice() {
        return texts.repeatedFirst();
    }

    /** Texts whose vector the client had already got in good order when it asked, and paid, again. */
    public synchronized long textsDeliveredTwice() {
        return texts.repeatedSecond();
    }

    /** How often a line of a batch was executed under this custom_id. */
    public synchronized int timesExecuted(String customId) {
        return lines.first(lineHash(customId));
    }

    /** Tokens billed for the lines with this custom_id. */
    public synchronized int lineTokens(String customId) {
        return lines.second(lineHash(customId));
    }

    public synchronized long linesExecutedTwice() {
        return lines.repeatedFirst();
    }

    private static long textHash(String model, String text) {
        return TextHash.of(model, text.getBytes(StandardCharsets.UTF_8));
    }

    private static long lineHash(String customId) {
        return textHash("custom_id", customId);
    }
}
