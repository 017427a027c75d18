package io.embeddingoperator.openai.simulator.ledger;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * What was charged for one request or one batch.
 *
 * @param id of the request ({@code req_…}) or the batch ({@code batch_…})
 * @param inputs texts that were embedded
 * @param tokens what was billed
 * @param delivered whether the client got what it paid for, as far as the server can know: a reply that was lost or spoiled on
 *     purpose was billed and not delivered
 */
public record Bill(
        String id,
        String organization,
        String model,
        int inputs,
        long tokens,
        BigDecimal costUsd,
        Instant at,
        boolean delivered) {
    public Bill lost() {
        return new Bill(id, organization, model, inputs, tokens, costUsd, at, false);
    }
}
