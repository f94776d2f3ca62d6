// analytics.d.ts of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.
export interface Analytics {
  /** An event of your own. Names are short words, never text that a visitor wrote. */
  track(action: string, category?: string, label?: string, value?: number): void;
  conversion(action: string, value?: number, label?: string): void;
  /** A page view that no address shows. */
  page(): void;
  /** The visitor's choice, remembered; false forgets everything but the choice. */
  consent(isGiven: boolean): void;
  /** Shows the banner again. */
  ask(): void;
}

declare global {
  interface Window {
    analytics: Analytics;
  }
  var analytics: Analytics;
}
