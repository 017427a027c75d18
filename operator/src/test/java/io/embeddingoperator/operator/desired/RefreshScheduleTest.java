package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.RefreshSpec;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RefreshScheduleTest {
    @ParameterizedTest
    @CsvSource({
        "*/15 * * * *, Etc/UTC, 2026-11-30T10:07:00Z, 2026-11-30T10:15:00Z",
        "*/15 * * * *, Etc/UTC, 2026-11-30T10:15:00Z, 2026-11-30T10:30:00Z",
        "0 3 * * *, Europe/Berlin, 2026-11-30T10:00:00Z, 2026-12-01T02:00:00Z",
        "0 3 * * *, Europe/Berlin, 2026-07-30T10:00:00Z, 2026-07-31T01:00:00Z",
        "30 1 * * 1-5, Asia/Kolkata, 2026-11-27T21:00:00Z, 2026-11-29T20:00:00Z",
        "0 0 29 2 *, Etc/UTC, 2026-11-30T10:00:00Z, 2028-02-29T00:00:00Z"
    })
    void theNextTimeIsThatOfItsZonesClock(String schedule, String zone, Instant moment, Instant next) {
        assertThat(RefreshSchedule.of(new RefreshSpec(schedule, zone, 3)).after(moment))
                .isEqualTo(next);
    }

    @Test
    void aTimeThatTheClockSkipsOrStrikesTwiceComesOnceADay() {
        // given half past two, which the clocks of Berlin skip on 29 March 2026 and strike twice on 25 October
        RefreshSchedule nightly = RefreshSchedule.of(new RefreshSpec("30 2 * * *", "Europe/Berlin", 3));

        assertThat(nightly.after(Instant.parse("2026-03-28T12:00:00Z")))
                .isBetween(Instant.parse("2026-03-29T00:30:00Z"), Instant.parse("2026-03-30T00:30:00Z"));
        Instant autumn = nightly.after(Instant.parse("2026-10-24T12:00:00Z"));
        assertThat(autumn).isBetween(Instant.parse("2026-10-25T00:30:00Z"), Instant.parse("2026-10-25T01:30:00Z"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            61 * * * * | Etc/UTC | spec.refresh.schedule is '61 * * * *':
            every hour | Etc/UTC | spec.refresh.schedule is 'every hour':
            0 0 31 2 * | Etc/UTC | spec.refresh.schedule is '0 0 31 2 *', a time that never comes: correct its day or month
            0 3 * * *  | Berlin  | spec.refresh.timeZone is 'Berlin', which no time zone is called: use a name of the tz database, such as Europe/Berlin
            """)
    void whatIsNoScheduleIsRefusedByItsFieldAndValue(String schedule, String zone, String sentence) {
        assertThatThrownBy(() -> RefreshSchedule.of(new RefreshSpec(schedule, zone, 3)))
                .isInstanceOf(SpecificationProblem.class)
                .hasMessageStartingWith(sentence);
    }
}
