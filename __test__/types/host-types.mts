// The hosts' types as their call sites have them, in our own words.
export type Reason = 'auth' | 'format' | 'rate_limit' | 'billing' | 'timeout' | 'unknown';
export type ApiKey = { type: 'api_key'; provider: string; key: string; email?: string };
export type Token = { type: 'token'; provider: string; token: string; expires?: number; email?: string };
export type OAuth = {
  type: 'oauth';
  provider: string;
  access: string;
  refresh: string;
  expires: number;
  projectId?: string;
};
export type Credential = ApiKey | Token | OAuth;

export interface UsageStats {
  lastUsed?: number;
  cooldownUntil?: number;
  disabledUntil?: number;
  disabledReason?: Reason;
  errorCount?: number;
  failureCounts?: Partial<Record<Reason, number>>;
  lastFailureAt?: number;
}

export interface HostStore {
  version: number;
  profiles: Record<string, Credential>;
  order?: Record<string, string[]>;
  lastGood?: Record<string, string>;
  usageStats?: Record<string, UsageStats>;
}

export interface HostConfig {
  agents?: { defaults?: { model?: string } };
  auth?: {
    profiles?: Record<string, { provider: string; mode: 'api_key' | 'oauth' | 'token'; email?: string }>;
    order?: Record<string, string[]>;
    cooldowns?: {
      billingBackoffHours?: number;
      billingBackoffHoursByProvider?: Record<string, number>;
      billingMaxHours?: number;
      failureWindowHours?: number;
    };
  };
}
