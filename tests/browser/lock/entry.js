// SPDX-License-Identifier: Apache-2.0
import { Auth0LockPasswordless } from 'auth0-lock';
window.Auth0LockPasswordless = Auth0LockPasswordless;
